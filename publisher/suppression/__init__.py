"""Protection of counts by withholding cells: primary suppression by rule, secondary by a joint pattern."""
