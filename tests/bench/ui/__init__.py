"""What the panel costs a browser. `python -m tests.bench.ui [weight first_token streaming long_thread]`"""
