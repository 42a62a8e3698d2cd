"""What the platforms of containers share, whatever runs them: files, images, environments. Pure."""
