"""`make preview-report`: what `make up` would do, as Markdown for a terminal and a pull request."""
