import LogEngine
import Projections

/// Writes what a fold took out of its state on a thread of its own, one piece at a time, while the fold goes on.
final class SavingThread {
    private let store: ProjectionStore
    private var thread: EngineThread?
    private let failure = Guarded<ProjectionError?>(nil)

    /// Writes into `store`, which nobody else may use until `finish`.
    init(_ store: ProjectionStore) {
        self.store = store
        store.beforeLoad = { [weak self] in self?.wait() }
    }

    /// Takes what changed out of the state and begins to write it, once what came before is written.
    func save(_ state: inout ProjectionState) throws(ProjectionError) {
        let pending = store.take(&state)
        try finish()
        thread = EngineThread { [store, failure] in
            do throws(ProjectionError) { try store.write(pending) } catch { failure.withLock { $0 = error } }
        }
    }

    /// Ends when everything is written.
    func finish() throws(ProjectionError) {
        wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func wait() {
        thread?.join()
        thread = nil
    }
}
