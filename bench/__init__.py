"""What the app costs on this machine, beside the same page in plain Streamlit: `make bench`."""
