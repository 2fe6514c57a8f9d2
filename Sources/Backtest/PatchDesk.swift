import Events
import LogEngine
import LogFormat
import SignalEngine
import Weave

/// The effective patch of every detector in every window, of the priors in force (BRD-33, PRI-06).
///
/// A patch is recorded when it is another one than that of the detector's last window on the asset (EVT-08): its hash
/// on a scored window leads to the braids behind it. Where nothing acts there is no patch and no record. The penalty
/// before is the one that the window begins with: a refresh inside of it shows in the next.
struct PatchDesk {
    private var gates = GateBraids.none
    /// By number of the instrument and place of the detector: the patch that acts; nil for none.
    private var acting: [[PayloadHash?]] = []
    private var actingCount = 0
    private let quantizer = ContextQuantizer()

    /// Whether no window can have a patch, or have to say that it has none any more.
    var isIdle: Bool { gates.isEmpty && actingCount == 0 }

    /// Goes by the set in force from the next window on.
    mutating func take(_ set: PriorsSet) throws(LogError) {
        do throws(WeaveError) { gates = try GateBraids(set, owner: .sig) } catch {
            throw LogError(.damaged, "the priors of sig: \(error)")
        }
    }

    /// The patches of a window, by place of the detector; those that changed go to the output.
    mutating func patches(
        _ row: borrowing FeatureRow, asset: AssetID, _ engine: SignalEngine, _ priors: PriorsVersion,
        seenGlobalSeq: UInt64, into output: inout some WindowOutput
    ) throws(LogError) -> [ScorePatch] {
        var patches = [ScorePatch](repeating: ScorePatch(), count: engine.cohort.count)
        do throws(WeaveError) {
            let graph = try gates.graph(at: row.asofNanos)
            for (detector, recipe) in engine.cohort.enumerated() {
                let kind = recipe.source.windowKind
                guard kind == engine.kinds[Int(row.kind)] else { continue }
                // Without a penalty there is no score, and nothing to patch.
                guard let key = engine.strand(recipe.id, asset), let theta = engine.kernel(key)?.theta else { continue }
                let horizon = recipe.source.horizon
                let context = quantizer.context(of: row, timeframe: kind.timeframe, horizon: horizon)
                let patch = try EffectivePatch.compute(
                    graph, target: PatchTarget(detector: recipe.id, asset: asset, horizon: horizon.text),
                    window: ContextWindow(context), theta: theta)
                let hash = patch.scopes.isEmpty ? nil : patch.hash
                if changes(Int(row.instrument), detector, to: hash, engine.cohort.count) {
                    let id = EventID(
                        module: .sig, key: "effective|\(recipe.id)|\(asset)|\(horizon.text)", eventNanos: row.asofNanos)
                    output.append(
                        patch.computed(under: priors, lineage: Lineage(id: id, seenGlobalSeq: seenGlobalSeq)))
                }
                if let hash { patches[detector] = ScorePatch(patch, hash) }
            }
        } catch { throw LogError(.damaged, "the priors of sig: \(error)") }
        return patches
    }

    /// Remembers the patch that acts; whether it is another one than before.
    private mutating func changes(_ instrument: Int, _ detector: Int, to hash: PayloadHash?, _ count: Int) -> Bool {
        while acting.count <= instrument { acting.append([PayloadHash?](repeating: nil, count: count)) }
        let before = acting[instrument][detector]
        guard before != hash else { return false }
        acting[instrument][detector] = hash
        actingCount += (hash == nil ? 0 : 1) - (before == nil ? 0 : 1)
        return true
    }
}

extension ScorePatch {
    /// What an effective patch does to a score.
    fileprivate init(_ patch: EffectivePatch, _ hash: PayloadHash) {
        self.init()
        thetaDelta = patch.asked.thetaDelta
        phiFactor = patch.asked.phiMult
        thetaMin = patch.caps.thetaMin
        phiFactorMax = patch.caps.phiMultMax
        reference = hash
    }
}
