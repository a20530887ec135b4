"""`python -m remaster_training STEP ...`: prepare, train, evaluate, export."""

from .cli import main

raise SystemExit(main())
