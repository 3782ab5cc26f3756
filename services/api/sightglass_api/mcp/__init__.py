"""The face that agents speak to: the Model Context Protocol, with what routes do as tools."""
