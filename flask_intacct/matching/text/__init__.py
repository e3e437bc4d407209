"""What words, numbers and addresses come to when they are compared: without any pair, or any record."""
