"""What asks the user something, over the screen. Each is imported when it is first opened."""
