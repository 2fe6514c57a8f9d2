/// A weighted sum of z z' over many rows z, four columns at a time.
///
/// Every element is summed by itself in the order of the rows, so that the bits are those of a plain loop.
struct GramAccumulator {
    private let size: Int
    private let lanes: Int
    private var row: [SIMD4<Double>]
    private var sums: [SIMD4<Double>]

    /// Length of a row, a multiple of four; elements from `size` on count for nothing.
    let paddedSize: Int

    init(size: Int) {
        self.size = size
        lanes = (size + 3) / 4
        paddedSize = 4 * lanes
        row = [SIMD4<Double>](repeating: .zero, count: lanes)
        sums = [SIMD4<Double>](repeating: .zero, count: lanes * size)
    }

    /// Adds weight * z z'; z has `paddedSize` elements.
    @inline(__always) mutating func add(_ z: [Double], weight: Double) {
        for lane in 0..<lanes {
            let at = 4 * lane
            row[lane] = SIMD4(z[at], z[at + 1], z[at + 2], z[at + 3])
        }
        for i in 0..<size {
            let factor = SIMD4<Double>(repeating: weight * z[i])
            let start = i * lanes
            // The lower triangle is all that Cholesky reads; whole groups of four are cheaper than its exact edge.
            for lane in 0...(i >> 2) { sums[start + lane] += factor * row[lane] }
        }
    }

    /// The sum, of which the lower part is complete.
    var lower: Matrix {
        var result = Matrix(rows: size, columns: size)
        for i in 0..<size { for j in 0...i { result[i, j] = sums[i * lanes + (j >> 2)][j & 3] } }
        return result
    }
}
