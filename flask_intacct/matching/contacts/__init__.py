"""What speaks for and against two contacts being one."""
