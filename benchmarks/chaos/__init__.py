"""Everything fails at random for some minutes while people edit on both sides; then the books must agree."""
