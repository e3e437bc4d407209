"""What the gateway's language is made of: requests and replies, what they ask for and how it is found."""
