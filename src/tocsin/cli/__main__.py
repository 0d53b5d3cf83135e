"""`python -m tocsin.cli`."""

from tocsin.cli import main

raise SystemExit(main())
