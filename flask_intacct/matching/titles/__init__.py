"""What speaks for and against two accounts, tax types or tracking values being one."""
