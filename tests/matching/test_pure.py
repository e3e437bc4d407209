import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["matching.equal", "matching.pairs", "translate.incoming", "translate.outgoing"])
def test_pure_modules_load_no_framework(module: str) -> None:
    script = f"import sys, flask_intacct.{module}; print({{'flask', 'sqlalchemy', 'rq'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
