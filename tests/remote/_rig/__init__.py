"""What the remote servers and faults of these tests are made of."""
