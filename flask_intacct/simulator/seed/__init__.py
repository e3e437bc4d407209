"""A company as it is before anybody calls: plain values, and one that is made up."""
