"""Policy and executor on two hosts, and a network between them that fails."""
