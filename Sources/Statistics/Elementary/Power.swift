extension Elementary {
    /// Returns x^n for a whole n by repeated squaring.
    ///
    /// Error below 2 log2|n| + 1 units in the last place; exact while every intermediate product is. x^0 is 1, also for
    /// NaN. O(log n).
    public static func power(_ x: Double, _ n: Int) -> Double {
        var result = 1.0
        var base = x
        var left = n.magnitude
        while left > 0 {
            if left & 1 == 1 { result *= base }
            left >>= 1
            if left > 0 { base *= base }
        }
        return n < 0 ? 1 / result : result
    }

    /// Returns x^y for a positive x.
    ///
    /// Relative error below (2 + |y ln x|) * 2^-52. A negative x gives NaN; 0 gives 0, 1 or infinity by the sign of y.
    public static func power(_ x: Double, _ y: Double) -> Double {
        if y == 0 || x == 1 { return 1 }
        if x == 0 { return y > 0 ? 0 : .infinity }
        return exp(y * log(x))
    }

    /// Returns the cube root of x.
    ///
    /// Error below 1.5 units in the last place; 0, infinities and NaN stay as they are.
    public static func cubeRoot(_ x: Double) -> Double {
        if x == 0 || !x.isFinite { return x }
        let size = abs(x)
        let root = exp(log(size) / 3)
        // One step of Newton with the cube of the root in two parts repairs what the exponential lost.
        let (square, squareLow) = twoProduct(root, root)
        let (cube, cubeLow) = twoProduct(square, root)
        let step = ((size - cube) - (cubeLow + squareLow * root)) / (3 * square)
        return x < 0 ? -(root + step) : root + step
    }
}
