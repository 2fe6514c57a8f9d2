// The tests of SignalEngine.
