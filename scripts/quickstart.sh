#!/usr/bin/env bash
# From a fresh machine to the cause of a crash: installs what is missing, builds nbreplay, makes the
# demo environment, and diagnoses quickstart/churn.ipynb. Arguments go to `nbreplay diagnose`.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

set_up release nbreplay nbreplay-launcher nbreplay_workers
say "ready: build/release/bin/nbreplay"
exec build/release/bin/nbreplay diagnose quickstart/churn.ipynb --environment .nbreplay/demo "$@"
