"""What a recorded run did, judged from its file alone: table, picture, page."""
