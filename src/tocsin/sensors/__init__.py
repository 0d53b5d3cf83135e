"""What is seen from where: infrared and radar geometry, noise and visibility."""
