// The tests of Report.
