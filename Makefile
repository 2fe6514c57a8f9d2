# `make help` lists the targets. Everything runs from a clean clone; what is missing is installed first (Debian 12).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

SWIFT ?= swift
# Catches an import of a target that is not declared as a dependency, which otherwise fails only at link, or not at all.
CHECKED := --explicit-target-dependency-import-check error
SWIFT_SOURCES := Package.swift LogFormat Sources Tools Tests
SEEDS ?= 100000
KILLS ?= 200
# As part of all tests: enough to see a fault, in two minutes.
TEST_KILLS ?= 60
MINUTES ?= 60
FUZZ_SECONDS ?= 60

.PHONY: help install-deps build release test unit-tests release-tests program-tests conformance determinism demo demo-log bench bench-peers \
	torture follow fuzz mutants simulate exhaustive format lint sanitize soak clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s%s\n", $$1, $$2 }' Makefile

install-deps: ## install missing Debian packages
	@Tools/install-deps.sh

build: install-deps ## debug build
	$(SWIFT) build $(CHECKED)

release: install-deps ## release build of the lotus program
	$(SWIFT) build $(CHECKED) -c release --product lotus

# The tests are built in two bundles (docs/decisions/0033-two-bundles.md): in debug what needs neither sockets nor keys, so
# that BoringSSL, NIO and the program are built once; in release, with the program, what needs them and what takes long.
DEBUG_TESTS := LogFormatTests,LogEngineTests,EventsTests,FiltersTests,ParquetTests,PlacedYAMLTests,StatisticsTests,RuntimeTests,$\
	HeraldTests,ContractsTests,MarketTests,SignalEngineTests,BacktestTests,ReportTests,WeaveTests,InquiryTests,$\
	ProjectionsTests,TidyTests
RELEASE_TESTS := LogFaultTests,CausalityTests,RebuildTests,SigningTests,VenueFeedTests,LiveFeedTests
RUN_RELEASE_TESTS := .build/release/lotusPackageTests.xctest --testing-library swift-testing

# Two chains side by side, each in a build folder of its own, as two builds in one would wait for each other. Versions of
# packages are settled before.
test: install-deps ## everything that must hold: unit tests, conformance, README, torture, fuzzing, power cuts
	$(SWIFT) package resolve
	Tools/beside.sh '$(MAKE) unit-tests' '$(MAKE) program-tests'

# Without debug information, which takes long to make: a failure is told with its place all the same.
unit-tests: install-deps ## the tests that need neither sockets nor keys, in debug, in a build folder of their own
	Tools/part.sh $(DEBUG_TESTS) $(SWIFT) build $(CHECKED) --build-tests -debug-info-format none --scratch-path .build-test
	.build-test/debug/lotusPackageTests.xctest --testing-library swift-testing

# One build for the program and what is tried with it; make release finds the same program there.
release-tests: install-deps ## the release build of lotus together with the tests that need sockets, keys or speed
	Tools/part.sh lotus,$(RELEASE_TESTS) $(SWIFT) build $(CHECKED) -c release --build-tests

# What waits runs beside what computes. Simulated lives come last: they take whatever is left of the cores.
program-tests: release-tests ## what is tried on the release build: conformance, README, torture, fuzzing, power cuts
	Tools/beside.sh 'Tools/conformance/run.sh; Tools/conformance/readme.sh' \
		'Tools/conformance/live.py; Tools/conformance/rebuild.py; Tools/conformance/commands.py; Tools/conformance/runs.py; \
			Tools/conformance/filters.py; Tools/conformance/parquet.py; \
			Tools/conformance/progress.py; Tools/conformance/doctor.py; Tools/conformance/sweeps.py; \
			LOTUS_DEBUG= Tools/conformance/determinism.py' \
		'Tools/fuzz/run.sh --may-skip $(FUZZ_SECONDS)' \
		'Tools/torture/torture.py --kills $(TEST_KILLS) --seconds 120' \
		'$(RUN_RELEASE_TESTS) --skip "$(SIMULATED)"' \
		'$(SIMULATE)'

SIMULATED := CrashSimulationTests|DamageTests|NthFailureTests
SIMULATE = LOTUS_SEEDS=10000 LOTUS_EXHAUSTIVE=1 $(RUN_RELEASE_TESTS) --filter "$(SIMULATED)"

simulate: release-tests ## 10,000 simulated lives with power cuts, every bit and hole of a log, every failing call, optimised build
	$(SIMULATE)

exhaustive: release-tests ## runs that die at every append and logs that lose power in every way, not in a sample, optimised
	LOTUS_EXHAUSTIVE=1 $(RUN_RELEASE_TESTS) --filter 'PostTests|StartTests|CrashStateTests'
	LOTUS_EXHAUSTIVE=1 Tools/part.sh RuntimeTests $(SWIFT) test -c release -Xswiftc -enable-testing \
		--scratch-path .build-exhaustive --filter 'ConductorTests|ReplayRunTests'

conformance: release ## Swift reader against Python reader and stock lz4; the commands and those of README
	Tools/conformance/run.sh
	Tools/conformance/commands.py
	Tools/conformance/runs.py
	Tools/conformance/filters.py
	Tools/conformance/parquet.py
	Tools/conformance/progress.py
	Tools/conformance/doctor.py
	Tools/conformance/sweeps.py
	Tools/conformance/live.py
	Tools/conformance/rebuild.py
	Tools/conformance/determinism.py
	Tools/conformance/readme.sh

determinism: build release ## one digest of a replay over builds, batches, cores, zones, kills; long sweeps; also MARKET=BUNDLE (minutes)
	Tools/conformance/determinism.py --large $(if $(MARKET),--market $(MARKET))
	Tools/conformance/sweeps.py --large

demo: release ## the main job on real market data (recorded, the venue's, or ours): ingest, freeze, replay, report
	@Tools/demo/market.sh

demo-log: release ## see a log being made, read, verified, damaged and found out
	@Tools/demo/demo.sh

bench: release ## one table: our engine beside C loops and SQLite (BENCH="--rounds 3" passes options)
	Tools/bench/run.py $(BENCH)

bench-peers: release ## the peers of ../shared/peers/log on the same payload, with our engine in the table (ROUNDS=5)
	Tools/bench/peers.sh

torture: release ## kill -9, tails, storms and full disks with real processes
	Tools/torture/torture.py --kills $(KILLS)

follow: release ## an hour of followers: 5,000 events a second, slow readers, one that is cut off 50 times (MINUTES=60)
	Tools/torture/soak.py --minutes $(MINUTES)

fuzz: install-deps ## damaged bytes for the decoders, with libFuzzer, for FUZZ_SECONDS (60)
	Tools/fuzz/run.sh $(FUZZ_SECONDS)

mutants: ## mistakes put into a copy of the tree, each of which a test must notice (20 minutes; MUTANTS="07 12")
	@Tools/install-deps.sh rsync
	Tools/mutants/run.sh $(MUTANTS)

format: ## format all Swift files in place
	$(SWIFT) format --in-place --parallel -r $(SWIFT_SOURCES)

lint: install-deps ## formatter in strict mode, then the tidy tests
	$(SWIFT) format lint --strict --parallel -r $(SWIFT_SOURCES)
	$(SWIFT) test $(CHECKED) --filter TidyTests

# A build folder for each sanitizer, so that they do not rebuild each other's products. What the test library and fixtures
# in static variables still hold at the end counts as leaked there, and is none of our business.
define sanitized
	ASAN_OPTIONS=detect_leaks=0 Tools/part.sh LogFormatTests,LogEngineTests,LogFaultTests $(SWIFT) test --sanitize=$(1) --scratch-path .build-$(1) --filter $(2)
endef

sanitize: install-deps ## engine tests under ThreadSanitizer and AddressSanitizer
	$(call sanitized,thread,'LogEngineTests|LogFaultTests')
	$(call sanitized,address,'LogEngineTests|LogFaultTests|LogFormatTests')

soak: release-tests ## crash simulation over SEEDS seeds (make soak SEEDS=1000000)
	LOTUS_SEEDS=$(SEEDS) $(RUN_RELEASE_TESTS) --filter CrashSimulationTests

clean: ## remove all build products
	rm -rf .build .build-test .build-thread .build-address .build-exhaustive .build-reader .build-fuzz .build-peers \
		.build-tables
