import Testing
@testable import VenueFeed
@testable import VenueFeedTesting
