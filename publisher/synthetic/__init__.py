"""The synthetic country and its case records: nobody in it exists."""

from publisher.synthetic.write import CountrySummary, write_country

__all__ = ["CountrySummary", "write_country"]
