"""Build backend of the Python package: Maturin's, but a checkout of a release takes the wheel that was released.

`pre-commit` installs a hook with `pip install .` in a clone of this repository at the tag of a release. Building that
takes minutes and a Rust toolchain; the wheel of the same version takes seconds. Only a clean checkout of exactly the
tag `v<version>` takes it: any other one is built from its source.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

MATURIN = "maturin>=1.9,<2"
ROOT = Path(__file__).resolve().parent.parent


def _version():
    return re.search(r'(?m)^version = "([^"]+)"$', (ROOT / "Cargo.toml").read_text("utf-8")).group(1)


def _git(*args):
    try:
        done = subprocess.run(["git", "-C", str(ROOT), *args], capture_output=True, text=True)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _is_release():
    """Whether this checkout has the released source and nothing else."""
    if os.environ.get("COUNTERSIGN_BUILD") == "source" or not (ROOT / ".git").exists():
        return False
    head = _git("rev-parse", "HEAD")
    if head is None or _git("status", "--porcelain", "--untracked-files=no") != "":
        return False
    tag = "refs/tags/v" + _version()
    # `pre-commit` fetches a commit without its tag, so the remote is asked where the tag is not here.
    refs = _git("rev-parse", tag + "^{commit}") or _git("ls-remote", "origin", tag, tag + "^{}") or ""
    return head in refs.split()


def _released_wheel(folder):
    """The name of the released wheel, downloaded into `folder`; nothing if there is none for this machine."""
    if not _is_release():
        return None
    before = set(os.listdir(folder))
    # An isolated build hides the environment's own packages, pip among them, by this variable.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*pip, "--only-binary", ":all:", "--dest", str(folder), "countersign==" + _version()],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    new = [name for name in os.listdir(folder) if name not in before and name.endswith(".whl")]
    return new[0] if done.returncode == 0 and len(new) == 1 else None


def get_requires_for_build_wheel(config_settings=None):
    # Maturin itself is not needed, and not downloaded, where the released wheel serves.
    with tempfile.TemporaryDirectory() as folder:
        return [] if _released_wheel(folder) else [MATURIN]


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    wheel = _released_wheel(wheel_directory)
    if wheel:
        return wheel
    import maturin

    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def get_requires_for_build_sdist(config_settings=None):
    return [MATURIN]


def build_sdist(sdist_directory, config_settings=None):
    import maturin

    return maturin.build_sdist(sdist_directory, config_settings)
