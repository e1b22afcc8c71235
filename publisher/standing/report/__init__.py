"""Reports that leave the desk as files: what was published in a year, and extracts for the data protection officer."""
