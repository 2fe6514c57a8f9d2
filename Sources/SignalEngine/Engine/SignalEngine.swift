package import Events
import LogFormat
import Statistics

/// Detectors, scores and standings as one value: windows and outcomes in, events out (SIG-06, SIG-10, SIG-20).
///
/// Pure and synchronous. Give it windows in order of time, and outcomes as they become known.
package struct SignalEngine: Sendable {
    /// The detectors, in order.
    package let cohort: [Recipe]
    /// Kinds of windows that the detectors look at; a row's `kind` is a place in this list.
    package let kinds: [WindowKind]
    package private(set) var setup: EngineSetup

    /// Programs of the detectors, then of their siblings.
    private let recipes: [Recipe]
    private let programs: [Program]
    /// Detectors of each kind, in order of the cohort.
    private let members: [[Int]]
    /// Places of each detector's siblings among the programs.
    private let siblings: [Range<Int>]
    /// Gates of each detector, that of the experts not counted.
    let gateCounts: [Int]
    /// The horizon that each detector forecasts.
    private let ownHorizons: [Horizon]
    var book: ScoreBook
    var horizons: HorizonBook
    private var lifecycles: [Lifecycle]
    private(set) var isActive: [Bool]
    private(set) var assets: [AssetState] = []
    private var assetPlaces: [AssetID: Int] = [:]
    private var nextReview: [Int64]
    /// Outcomes that may be used only later, in order of when they became known.
    private var waiting: [OutcomeKnown] = []
    private var waitingHead = 0
    private(set) var heard: [Heard] = []
    /// The scores of each strand as they were said last.
    var templates: [SignalScored] = []
    private var scratch: [Double]

    /// What one detector of a window came to, between the two passes.
    struct Heard {
        var detector = 0
        var place = 0
        var verdict = Verdict()
        var uncertainty: Double?
        var trace: SigmaTrace?
        var kairos: Double?
        var isBad = false
    }

    /// An engine over a cohort; detectors with equal ids count as a mistake of the caller and the later ones are left
    /// out.
    package init(_ cohort: [Recipe], setup: EngineSetup = EngineSetup()) {
        var unique: [Recipe] = []
        for recipe in cohort where !unique.contains(where: { $0.id == recipe.id }) { unique.append(recipe) }
        self.cohort = unique
        self.setup = setup
        var kinds: [WindowKind] = []
        for recipe in unique where !kinds.contains(recipe.source.windowKind) { kinds.append(recipe.source.windowKind) }
        self.kinds = kinds
        members = kinds.map { kind in unique.indices.filter { unique[$0].source.windowKind == kind } }
        var all = unique
        var ranges: [Range<Int>] = []
        for recipe in unique {
            let start = all.count
            all += Mutations.siblings(of: recipe, count: setup.siblings, seed: setup.seed)
            ranges.append(start..<all.count)
        }
        recipes = all
        programs = all.map(\.program)
        siblings = ranges
        gateCounts = unique.map(\.gates.count)
        ownHorizons = unique.map(\.source.horizon)
        horizons = HorizonBook(detectors: unique.count)
        book = ScoreBook(
            unique, policy: setup.policy,
            refitSeeds: unique.indices.map { ranges[$0].count < 2 ? setup.seed : nil })
        lifecycles = unique.map { _ in Lifecycle(setup.initialState, thresholds: setup.thresholds) }
        isActive = unique.map { _ in setup.initialState == .active }
        nextReview = unique.map { _ in Int64.min }
        scratch = [Double](repeating: 0, count: max(1, setup.siblings))
    }

    /// Standing of a detector by its place in the cohort.
    package func state(_ detector: Int) -> DetectorState { lifecycles[detector].state }

    /// The key of a detector on an asset, nil until the asset's first window.
    package func strand(_ detector: DetectorID, _ asset: AssetID) -> StrandKey? {
        guard let place = cohort.firstIndex(where: { $0.id == detector }), let other = assetPlaces[asset] else {
            return nil
        }
        return StrandKey(detector: Int32(place), asset: Int32(other))
    }

    /// Quality of a strand at its last refresh, nil before there are enough outcomes.
    package func quality(_ key: StrandKey) -> QualityParts? {
        isKnown(key) ? book.quality(book.place(Int(key.detector), Int(key.asset))) : nil
    }

    /// Kernel state of a strand.
    package func kernel(_ key: StrandKey) -> KernelState? {
        isKnown(key) ? book.kernel(book.place(Int(key.detector), Int(key.asset))) : nil
    }

    private func isKnown(_ key: StrandKey) -> Bool {
        cohort.indices.contains(Int(key.detector)) && assets.indices.contains(Int(key.asset))
    }

    /// Registers the cohort (SIG-22); call it once, before the first window.
    package mutating func start(at nanos: Int64, seenGlobalSeq: UInt64, into output: inout some WindowOutput) {
        for recipe in cohort {
            var event = DetectorRegistered()
            event.lineage = Self.lineage("registered|\(recipe.id.text)|\(recipe.hash)", nanos, seenGlobalSeq)
            event.detectorID = recipe.id
            event.versionHash = recipe.hash
            event.recipe = recipe.text
            event.parents = recipe.source.parents.map { DetectorID($0.text) }
            event.family = recipe.source.family.text
            event.depth = Int64(recipe.depth)
            event.descriptionLength = recipe.descriptionLength
            output.append(event)
            if setup.initialState != .candidate {
                changed(
                    recipe.id, from: .candidate, to: setup.initialState, [Metric("entered_by_setup", 1)], audit: nil,
                    nanos, seenGlobalSeq, &output)
            }
        }
    }

    /// Takes an outcome of any horizon; scores use those of the detector's own at windows that end after they became
    /// known, the nights those of all.
    package mutating func outcome(_ outcome: OutcomeKnown) {
        guard isKnown(outcome.strand), abs(outcome.forwardReturn) <= Strand.returnMax else { return }
        var place = waiting.count
        while place > waitingHead, waiting[place - 1].knownNanos > outcome.knownNanos { place -= 1 }
        waiting.insert(outcome, at: place)
    }

    /// Takes over knobs from the priors in force; scores go by them from the next window on (PRI-06).
    package mutating func take(_ policy: ScorePolicy) {
        setup.policy = policy
        book.policy = policy
    }

    mutating func useOutcomes(before nanos: Int64) {
        while waitingHead < waiting.count, waiting[waitingHead].knownNanos < nanos {
            let outcome = waiting[waitingHead]
            waitingHead += 1
            horizons.add(outcome)
            guard outcome.horizon == ownHorizons[Int(outcome.strand.detector)] else { continue }
            book.outcome(
                book.place(Int(outcome.strand.detector), Int(outcome.strand.asset)), asofNanos: outcome.asofNanos,
                forwardReturn: outcome.forwardReturn)
        }
        if waitingHead == waiting.count || waitingHead > 4096 {
            waiting.removeFirst(waitingHead)
            waitingHead = 0
        }
    }

    /// Scores one window of an asset for every detector that looks at its kind, whether they speak or not (SIG-10).
    ///
    /// Retired detectors are left alone; a row of a kind that is not in `kinds` has none.
    package mutating func window(
        _ row: borrowing FeatureRow, asset: AssetID, context: ScoringContext, into output: inout some WindowOutput
    ) {
        let kind = Int(row.kind)
        guard members.indices.contains(kind) else { return }
        let nanos = row.asofNanos
        useOutcomes(before: nanos)
        let place = place(of: asset)
        if !row.isStale {
            book.price(row.price, asset: place, asofNanos: nanos)
            assets[place].bands[kind].add(row.price)
        }
        let hbar = row[.surprise].map { min(1, max(0, $0)) }
        let tercile: UInt8 = hbar.map { $0 < 1.0 / 3 ? 0 : $0 < 2.0 / 3 ? 1 : 2 } ?? 0
        let phases = assets[place].bands[kind].phases
        let halfSpread = row[.spreadBps].map { min(10_000, max(0, $0 / 2)) } ?? setup.policy.halfSpreadBps
        heard.removeAll(keepingCapacity: true)
        // Held here: a list that is read out of the engine while its assets change is copied with every look.
        let programs = programs
        for detector in members[kind] where lifecycles[detector].state != .retired {
            var one = Heard()
            one.detector = detector
            one.place = book.place(detector, place)
            one.isBad = row.isStale
            if !row.isStale {
                one.verdict = assets[place].step(detector, of: programs.span, row, confirmed: context.confirmed)
                one.uncertainty =
                    siblings[detector].count < 2
                    ? book.uncertainty(one.place, of: one.verdict.signal)
                    : uncertainty(detector, place, row, context.confirmed)
            }
            one.isBad = one.isBad || one.verdict.isSilent || (one.uncertainty ?? 0) > setup.policy.uncertaintyMax
            let signal = one.verdict.signal ?? 0
            let (isBad, policy) = (one.isBad, setup.policy)
            book.with(one.place) { strand in
                strand.phase.add(isBad ? 0 : signal)
                guard !isBad else { return }
                strand.window(
                    asofNanos: nanos, signal: signal, halfSpreadBps: halfSpread, surprise: tercile, phases: phases,
                    policy: policy)
            }
            if book.refresh(one.place, at: nanos, isActive: isActive) {
                kernelUpdated(one, place, nanos, context, &output)
            }
            one.trace = trace(one, hbar, context)
            one.kairos = book.kairos(one.place, assets[place].bands[kind])
            if let trace = one.trace {
                lifecycles[detector].note(trace.sigma, at: nanos)
                if !isBad { note(trace, one.place, nanos, context.evidence) }
            }
            heard.append(one)
        }
        emit(nanos, row.isStale, place, hbar, context, &output)
        for detector in members[kind] { review(detector, nanos, context.seenGlobalSeq, &output) }
    }

    /// Keeps what a window that spoke came to, for the fits of the night.
    private mutating func note(_ trace: SigmaTrace, _ place: Int, _ nanos: Int64, _ evidence: Double?) {
        guard let quality = book.quality(place)?.score else { return }
        let lean = quality > 0 && trace.deltaPhi > 0 ? Elementary.log(quality / trace.deltaPhi) : .nan
        book.with(place) { $0.pending.score(nanos, sigma: trace.sigma, lean: lean, evidence: evidence) }
    }

    private mutating func place(of asset: AssetID) -> Int {
        if let place = assetPlaces[asset] { return place }
        let place = assets.count
        if place == 0 { for detector in lifecycles.indices { lifecycles[detector].takeMemory() } }
        assetPlaces[asset] = place
        assets.append(AssetState(id: asset, programs: recipes, detectors: cohort.count, kinds: kinds.count))
        book.addAsset()
        templates += cohort.map { AssetState.template($0, asset) }
        return place
    }

    /// Variance of the siblings' signals; those without one do not count.
    private mutating func uncertainty(
        _ detector: Int, _ place: Int, _ row: borrowing FeatureRow, _ confirmed: Bool?
    ) -> Double? {
        var count = 0
        let programs = programs
        for sibling in siblings[detector] {
            let verdict = assets[place].step(sibling, of: programs.span, row, confirmed: confirmed)
            guard let signal = verdict.signal, count < scratch.count else { continue }
            scratch[count] = signal
            count += 1
        }
        return Mutations.uncertainty(scratch.span.extracting(0..<count))
    }

    private func trace(_ one: Heard, _ hbar: Double?, _ context: ScoringContext) -> SigmaTrace? {
        let kernel = book.kernel(one.place)
        guard let quality = book.quality(one.place)?.score, let hbar, let phi = kernel.phi, let theta = kernel.theta,
            let coherence = kernel.coherence, let novelty = kernel.novelty, let emergence = kernel.emergence
        else { return nil }
        var input = SigmaInput()
        input.quality = quality
        input.phi = phi
        input.theta = theta
        input.coherence = coherence
        input.novelty = novelty
        input.emergence = emergence
        input.rho = kernel.rho
        input.hbar = hbar
        input.evidence = context.evidence
        if context.patches.indices.contains(one.detector) { input.patch = context.patches[one.detector] }
        return try? SigmaTrace(input, policy: setup.policy)
    }

    /// Standings are looked at once an hour.
    private mutating func review(
        _ detector: Int, _ nanos: Int64, _ seen: UInt64, _ output: inout some WindowOutput
    ) {
        guard nanos >= nextReview[detector] else { return }
        let hour: Int64 = 3_600_000_000_000
        nextReview[detector] = (nanos / hour + 1) * hour
        var (correlation, audit): (Double, EventID?) = (0, nil)
        if lifecycles[detector].isReady(at: nanos) {
            correlation = book.correlation(of: detector, isActive: isActive)
            audit = audited(detector, correlation, nanos, seen, &output)
        }
        guard let change = lifecycles[detector].review(at: nanos, correlation: correlation) else { return }
        isActive[detector] = change.to == .active
        changed(
            cohort[detector].id, from: change.from, to: change.to,
            [
                Metric("median_sigma", change.medianSigma), Metric("windows", Double(change.windows)),
                Metric("days", Double(change.days)),
            ] + (change.correlation.map { [Metric("cohort_correlation", $0)] } ?? []),
            audit: change.correlation == nil ? nil : audit, nanos, seen, &output)
    }
}
