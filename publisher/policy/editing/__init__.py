"""A policy's text as an officer edits it: the form's schema, changes that leave all else as it is,
differences in words.

Pure: texts in, texts and values out.
"""
