"""Following CloudWatch log streams without loss: finding them, merging, the ring, filters."""
