"""What each part of the loop costs on this machine."""
