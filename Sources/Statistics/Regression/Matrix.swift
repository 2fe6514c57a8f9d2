/// A dense matrix, row by row.
public struct Matrix: Sendable, Equatable {
    /// Number of rows.
    public let rows: Int
    /// Number of columns.
    public let columns: Int
    /// Elements, row by row.
    public internal(set) var storage: [Double]

    /// Makes a matrix of zeros; negative sizes count as 0.
    public init(rows: Int, columns: Int) {
        self.rows = max(rows, 0)
        self.columns = max(columns, 0)
        storage = [Double](repeating: 0, count: self.rows * self.columns)
    }

    /// Makes a matrix from its rows.
    ///
    /// Throws `invalidShape` for ragged rows. No rows make a matrix without columns.
    public init(_ rows: [[Double]]) throws(StatisticsError) {
        self.rows = rows.count
        columns = rows.first?.count ?? 0
        for row in rows { try Require.sameCount(row.count, columns, "columns of a row") }
        storage = rows.flatMap(\.self)
    }

    /// Makes a matrix from its elements, row by row.
    ///
    /// Throws `invalidShape` unless there are rows * columns of them.
    public init(rows: Int, columns: Int, storage: [Double]) throws(StatisticsError) {
        try Require.argument(
            rows >= 0 && columns >= 0 && rows.multipliedReportingOverflow(by: columns) == (storage.count, false),
            "\(storage.count) elements, expected \(rows) times \(columns)", code: .invalidShape)
        self.rows = rows
        self.columns = columns
        self.storage = storage
    }

    /// An identity matrix times a factor.
    static func identity(_ size: Int, times factor: Double = 1) -> Matrix {
        var result = Matrix(rows: size, columns: size)
        for index in 0..<size { result[index, index] = factor }
        return result
    }

    /// The element of a row and a column.
    public subscript(row: Int, column: Int) -> Double {
        get { storage[row * columns + column] }
        set { storage[row * columns + column] = newValue }
    }

    /// One row.
    public func row(_ index: Int) -> [Double] { Array(storage[index * columns..<(index + 1) * columns]) }
    /// One column.
    public func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }
    /// All rows.
    public var rowArrays: [[Double]] { (0..<rows).map(row) }

    /// The rows with the given numbers.
    func selecting(_ indices: [Int]) -> Matrix {
        var elements: [Double] = []
        elements.reserveCapacity(indices.count * columns)
        for index in indices { elements += storage[index * columns..<(index + 1) * columns] }
        return Matrix(rows: indices.count, columns: columns, elements: elements)
    }

    /// Makes a matrix from as many elements as it has places.
    private init(rows: Int, columns: Int, elements: [Double]) {
        self.rows = rows
        self.columns = columns
        storage = elements
    }

    /// The product with a vector of `columns` elements.
    func times(_ vector: [Double]) -> [Double] {
        (0..<rows).map { row in
            var sum = 0.0
            for column in 0..<columns { sum += storage[row * columns + column] * vector[column] }
            return sum
        }
    }

    /// The product of the transpose with a vector of `rows` elements.
    func transposedTimes(_ vector: [Double]) -> [Double] {
        var result = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for column in 0..<columns { result[column] += storage[row * columns + column] * vector[row] }
        }
        return result
    }

    /// The product with another matrix of `columns` rows.
    func times(_ other: Matrix) -> Matrix {
        var result = Matrix(rows: rows, columns: other.columns)
        for row in 0..<rows {
            for inner in 0..<columns {
                let factor = self[row, inner]
                for column in 0..<other.columns { result[row, column] += factor * other[inner, column] }
            }
        }
        return result
    }

    /// The transpose.
    var transposed: Matrix {
        var result = Matrix(rows: columns, columns: rows)
        for row in 0..<rows { for column in 0..<columns { result[column, row] = self[row, column] } }
        return result
    }
}
