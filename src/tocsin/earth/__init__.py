"""Where and when: time scales, Earth orientation, frames, ellipsoid, gravity, air, outlines of land."""
