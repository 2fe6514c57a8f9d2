import Events
import SignalEngine
import Testing

/// Standings at their thresholds (SIG-20, SIG-21).
@Suite struct LifecycleTests {
    static let day: Int64 = 86_400_000_000_000
    static let start: Int64 = 20_000 * day

    /// Notes sigma so many times on a day.
    static func note(_ life: inout Lifecycle, _ sigma: Double, times: Int, day: Int64) {
        for index in 0..<times { life.note(sigma, at: start + day * Self.day + Int64(index) * 1_000_000_000) }
    }

    @Test(arguments: [(0.35, 300, true), (0.3499, 300, false), (0.35, 299, false), (0.99, 299, false)])
    func `promotion needs the median and the windows`(_ sigma: Double, _ windows: Int, _ isPromoted: Bool) {
        var life = Lifecycle(.experimental)
        Self.note(&life, sigma, times: windows, day: 0)
        let change = life.review(at: Self.start + Self.day / 2)
        #expect((change?.to == .active) == isPromoted)
        #expect(life.state == (isPromoted ? .active : .experimental))
        if isPromoted { #expect(change?.windows == 300 && change?.medianSigma == 0.35) }
    }

    @Test(arguments: [(0.6, true), (0.601, false), (1, false)])
    func `promotion needs a stream of its own (SIG-23)`(_ correlation: Double, _ isPromoted: Bool) {
        for state in [DetectorState.experimental, .deprecated] {
            var life = Lifecycle(state)
            Self.note(&life, 0.5, times: 300, day: 0)
            #expect(life.isReady(at: Self.start + Self.day / 2))
            let change = life.review(at: Self.start + Self.day / 2, correlation: correlation)
            #expect((change?.to == .active) == isPromoted && change?.correlation == (isPromoted ? correlation : nil))
            #expect(life.state == (isPromoted ? .active : state))
        }
        #expect(!Lifecycle(.active).isReady(at: Self.start) && !Lifecycle().isReady(at: Self.start))
    }

    @Test(arguments: [(199, false), (200, true)]) func `a candidate goes on trial`(_ windows: Int, _ isTrial: Bool) {
        var life = Lifecycle()
        Self.note(&life, 0.01, times: windows, day: 0)
        #expect((life.review(at: Self.start + Self.day / 2)?.to == .experimental) == isTrial)
    }

    @Test(arguments: [(0.1999, 15, true), (0.20, 15, false), (0.1, 14, false)])
    func `deprecation needs fifteen days below`(_ sigma: Double, _ days: Int64, _ isDeprecated: Bool) {
        var life = Lifecycle(.active)
        for day in 0...days { Self.note(&life, sigma, times: 10, day: day) }
        let change = life.review(at: Self.start + days * Self.day + Self.day / 2)
        #expect((change?.to == .deprecated) == isDeprecated)
    }

    @Test(arguments: [(0.0499, 30, true), (0.05, 30, false), (0.01, 29, false)])
    func `retirement needs thirty days below`(_ sigma: Double, _ days: Int64, _ isRetired: Bool) {
        var life = Lifecycle(.deprecated)
        for day in 0...days { Self.note(&life, sigma, times: 10, day: day) }
        #expect((life.review(at: Self.start + days * Self.day + Self.day / 2)?.to == .retired) == isRetired)
        if isRetired { #expect(life.review(at: Self.start + days * Self.day + Self.day / 2) == nil) }
    }

    @Test func `a deprecated detector that recovers is active again`() {
        var life = Lifecycle(.deprecated)
        Self.note(&life, 0.5, times: 300, day: 0)
        #expect(life.review(at: Self.start + Self.day / 2)?.to == .active)
    }

    @Test func `windows older than the look-back do not count`() {
        var life = Lifecycle(.experimental)
        Self.note(&life, 0.9, times: 299, day: 0)
        Self.note(&life, 0.9, times: 1, day: 30)
        #expect(life.review(at: Self.start + 30 * Self.day + 1) == nil)
        #expect(life.median(days: 31, at: Self.start + 30 * Self.day + 1).windows == 300)
    }
}
