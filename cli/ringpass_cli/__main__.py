"""``python -m ringpass_cli``: the same as ``ringpass``."""

from ringpass_cli.main import main

if __name__ == "__main__":
    main()
