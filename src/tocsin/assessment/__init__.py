"""From a track to what it means: what it is, whence launched, where and when it lands, how sure that is."""
