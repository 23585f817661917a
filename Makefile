# Grantport's chores. `make` lists them; `make run` and `make test` are the two to know.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
.DEFAULT_GOAL := help

# rustup's cargo before a distribution's, which cannot compile to wasm.
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)
export CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
# The same for every build of the server: when it changes, the server is compiled again.
export SITE_DIR := $(CARGO_TARGET_DIR)/site
# Asked for when it is needed, since `setup` may have just installed it.
BROWSER = $(or $(CHROMIUM),$(firstword $(shell command -v chromium chromium-browser google-chrome)))
# The same without windows, in half the time; where there is none, the whole one does.
HEADLESS_SHELL = $(if $(CHROMIUM),,$(shell command -v chromium-headless-shell))
# The tests bring no browser of their own.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

# Always these together: another choice of crates is another choice of their dependencies'
# features, and much would be compiled twice.
HOUSE := --package app --package server --package soak
XTASK := $(CARGO_TARGET_DIR)/debug/xtask
STAGE := $(XTASK) stage

# Python packages, beside the clone: a fresh clone need not fetch them again, other versions are another place.
CONTRACT_VENV := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/grantport/contract-$(firstword $(shell cksum < end2end/contract/requirements.txt))
SCHEMATHESIS := $(CONTRACT_VENV)/bin/schemathesis
# With the packages of PyPI that backends use, to verify with them what they are sent.
PYTHON := $(CONTRACT_VENV)/bin/python3

# $(call debian,packages,what to do where we may not install them)
define debian
if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
  echo "Installing $(1) (a minute or so)"; \
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1) >/dev/null; } || \
  { echo "apt-get could not install it; what it says above is where to begin." >&2; exit 1; }; \
else echo "$(2)" >&2; exit 1; fi
endef

.PHONY: help
help: ## this list
	@echo "Grantport: make run, make test, or one of"
	@sed -n 's/^\([a-z-]*\):[^#]*## /  \1\t/p' Makefile | expand -t 16

##### run and build

.PHONY: run
run: assets ## build the release binary and serve on http://127.0.0.1:3000
	@$(call build_release)
	@echo "Starting Grantport; Ctrl-C stops it"
	@exec $(CARGO_TARGET_DIR)/release/grantport

.PHONY: build
build: assets ## build the one release binary; its path is the last line
	@$(call build_release)
	@echo "$(CARGO_TARGET_DIR)/release/grantport"

define build_release
echo "Building the server (ten to twenty minutes the first time)"; \
cargo build --locked --release --package server $(1) || \
{ echo "The server was not built. What cargo says above is where to begin." >&2; exit 1; }
endef

.PHONY: assets
assets: xtask ## compile islands and styles into what the server embeds
	@$(XTASK) assets

.PHONY: xtask
xtask: rust
	@[ -x $(XTASK) ] || echo "Building the asset pipeline (a minute or so the first time)"
	@cargo build --locked --quiet --package xtask

##### tests, the quick ones first

.PHONY: test
test: setup lint unit integration contract browser soak-quick ## everything
	@printf '\nAll tests passed.\n'

.PHONY: lint
lint: assets end2end/node_modules/.package-lock.json ## formatting, dependency wall, clippy, types, documentation
	@$(STAGE) "Formatting" "Run: make fmt" cargo fmt --all --check
	@$(STAGE) "Dependency wall" "Keep that crate in server/." $(XTASK) wall
	@$(STAGE) "Lock file of the fuzz targets" "Run: cargo update --workspace --manifest-path fuzz/Cargo.toml" \
	  cargo update --workspace --locked --quiet --manifest-path fuzz/Cargo.toml
	@$(STAGE) "Clippy, pages, server and soak" "Mend what it names." \
	  cargo clippy --locked $(HOUSE) --all-targets -- -D warnings
	@$(STAGE) "Clippy, xtask" "Mend what it names." \
	  cargo clippy --locked --package cluster --package xtask --all-targets -- -D warnings
	@$(STAGE) "Clippy, browser side" "Mend what it names." \
	  cargo clippy --locked --package frontend --target wasm32-unknown-unknown --profile wasm-release -- -D warnings
	@cd end2end && $(STAGE) "Types of connect.js" "Mend what it names." npx tsc --project ../frontend/connect
	@cd end2end && $(STAGE) "Types of the browser tests" "Mend what it names." npx tsc --noEmit
	@RUSTDOCFLAGS="-D warnings" $(STAGE) "Documentation" "Mend the links it names." \
	  cargo doc --locked --no-deps $(HOUSE)

.PHONY: unit
unit: assets ## tests that need nothing but the code
	@$(STAGE) "Unit tests, xtask" "Repeat with: make unit" cargo test --locked --package xtask
	@$(STAGE) "Unit tests, pages, server and soak" "Repeat with: make unit" \
	  cargo test --locked $(HOUSE) --lib --bins
	@$(STAGE) "Examples in the documentation" "Repeat with: make unit" \
	  cargo test --locked --package app --package server --doc

.PHONY: integration
integration: assets postgres ## the server's tests on SQLite and on a PostgreSQL of their own
	@$(STAGE) "Integration tests" "Repeat with: make integration" \
	  $(XTASK) with-postgres cargo test --locked $(HOUSE) --test it

.PHONY: contract
contract: assets end2end/node_modules/.package-lock.json $(SCHEMATHESIS) ## the API against its own document: calls of all kinds, right and wrong; three minutes
	@$(STAGE) "Server for the contract" "What cargo says above is where to begin." \
	  cargo build --locked $(HOUSE) --lib --bins --examples
	@cd end2end && GRANTPORT_BIN=$(CARGO_TARGET_DIR)/debug/grantport \
	  $(STAGE) "API against its document" "It says above which answer the document does not have. Repeat with: make contract" \
	  node contract/run.mjs $(SCHEMATHESIS)

.PHONY: browser
browser: assets chromium end2end/node_modules/.package-lock.json $(SCHEMATHESIS) ## the journeys in headless Chromium
	@$(STAGE) "Server and example for the browser tests" "What cargo says above is where to begin." \
	  cargo build --locked $(HOUSE) --lib --bins --examples
	@cd end2end && CHROMIUM=$(BROWSER) HEADLESS_SHELL=$(HEADLESS_SHELL) PYTHON=$(PYTHON) GRANTPORT_BIN=$(CARGO_TARGET_DIR)/debug/grantport \
	  $(STAGE) "Browser tests" "Repeat with: make browser" npx playwright test

# The program that a rolling deploy begins with; the same one where none is named.
FROM = $(if $(PREVIOUS),--previous $(PREVIOUS))

.PHONY: soak-quick
soak-quick: assets postgres faketime ## is a token ever lost in silence? The short proofs, four minutes
	@$(STAGE) "Server and soak" "What cargo says above is where to begin." \
	  cargo build --locked $(HOUSE)
	@$(STAGE) "Soak, the short forms" "docs/reliability.md says what each figure means. Repeat one with: $(CARGO_TARGET_DIR)/debug/soak NAME --quick --binary $(CARGO_TARGET_DIR)/debug/grantport" \
	  $(CARGO_TARGET_DIR)/debug/soak all --quick --binary $(CARGO_TARGET_DIR)/debug/grantport $(FROM)

.PHONY: soak
soak: assets postgres faketime ## the long proofs, on the release binary and a quiet machine; an hour. PREVIOUS=path: the release before
	@$(call build_release,--package soak)
	@$(STAGE) "Soak, the long forms" "docs/reliability.md says what each figure means." \
	  $(CARGO_TARGET_DIR)/release/soak all --binary $(CARGO_TARGET_DIR)/release/grantport $(FROM)

.PHONY: fuzz
fuzz: assets ## what strangers can send, a minute for each target; needs cargo-fuzz
	@command -v cargo-fuzz >/dev/null || { echo "Run: cargo install --locked cargo-fuzz" >&2; exit 1; }
	@for target in callback definition; do \
	  echo "Fuzzing $$target for a minute"; \
	  CARGO_TARGET_DIR=$(CARGO_TARGET_DIR)/fuzz cargo fuzz run --sanitizer none $$target -- -max_total_time=60 -max_len=4096 || exit 1; \
	done

.PHONY: deny
deny: ## licences and forbidden crates; needs cargo-deny
	@command -v cargo-deny >/dev/null || { echo "Run: cargo install --locked cargo-deny" >&2; exit 1; }
	@cargo deny check bans licenses sources

.PHONY: fmt
fmt: ## format the code
	@cargo fmt --all

##### what has to be there

.PHONY: setup
setup: rust postgres faketime chromium end2end/node_modules/.package-lock.json $(SCHEMATHESIS) ## install what is missing

.PHONY: rust
rust:
	@command -v cc >/dev/null || { $(call debian,build-essential,A C compiler is missing. Install one: apt-get install build-essential on Debian; xcode-select --install on macOS.); }
	@command -v cargo >/dev/null || { echo "Rust is missing. Install it from https://rustup.rs and run make again." >&2; exit 1; }
	@[ -d "$$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || { \
	  command -v rustup >/dev/null || { echo "This Rust has no wasm target. Install Rust from https://rustup.rs and run make again." >&2; exit 1; }; \
	  echo "Installing Rust's wasm target"; rustup target add wasm32-unknown-unknown; }

.PHONY: postgres
postgres:
	@[ -n "$${TEST_DATABASE_URL:-}" ] || command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
	{ $(call debian,postgresql,PostgreSQL is missing; the tests start their own. Install it: apt-get install postgresql on Debian; brew install postgresql on macOS.); }

# For a clock that is wrong. Where it cannot be had, that one proof is left out and says so.
.PHONY: faketime
faketime:
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || \
	( $(call debian,faketime,There is no libfaketime; clocks that are wrong are left out of the soak.) ) || true

.PHONY: chromium
chromium:
	@[ -n "$(BROWSER)" ] || \
	{ $(call debian,chromium,Chromium is missing. Install it: apt-get install chromium on Debian; or set CHROMIUM to the path of a browser.); }
	@[ -n "$(CHROMIUM)$(HEADLESS_SHELL)" ] || \
	( $(call debian,chromium-headless-shell,There is no chromium-headless-shell; the browser tests take twice as long.) ) || true

.PHONY: node
node:
	@command -v npm >/dev/null || { $(call debian,nodejs npm,Node is missing. Install version 20 or later from https://nodejs.org.); }
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' || \
	{ echo "Node $$(node --version) is too old. Install version 20 or later from https://nodejs.org." >&2; exit 1; }

.PHONY: python
python:
	@python3 -c 'import ensurepip, venv' 2>/dev/null || \
	{ $(call debian,python3 python3-venv,Python 3 with venv is missing. Install it: apt-get install python3-venv on Debian; brew install python on macOS.); }

$(SCHEMATHESIS): | python
	@echo "Installing schemathesis into $(CONTRACT_VENV)"
	@rm -rf $(CONTRACT_VENV) && python3 -m venv $(CONTRACT_VENV) && \
	$(CONTRACT_VENV)/bin/pip install --quiet --disable-pip-version-check --requirement end2end/contract/requirements.txt || \
	{ rm -rf $(CONTRACT_VENV); echo "pip could not install it; what it says above is where to begin." >&2; exit 1; }

# npm writes this file last, so it is older than the lock file whenever there is work.
end2end/node_modules/.package-lock.json: end2end/package-lock.json | node
	@echo "Installing the browser tests' packages"
	@cd end2end && npm ci --no-audit --no-fund || \
	{ echo "npm could not install them; what it says above is where to begin." >&2; exit 1; }
