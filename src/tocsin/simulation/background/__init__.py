"""What the sky and the ground send to a sensor when nobody has launched anything.

Each noun has a module that draws what there is in an hour, the same for every sensor; `sightings` says what an
infrared satellite makes of it, `echoes` what a radar does. A scenario asks for them in its `[background]` table.
"""
