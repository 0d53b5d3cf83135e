"""From scans to tracks: reorder, predict, gate, associate, update, initiate, life cycle."""
