"""A person's course: trends against their own usual swing."""
