extension Elementary {
    /// Returns the error function 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x.
    ///
    /// Error below 1.5 units in the last place.
    /// - Source: Taylor series for |x| < 0.9, one minus `erfc` beyond.
    public static func erf(_ x: Double) -> Double {
        if x != x { return x }
        let size = abs(x)
        if size < 0.9 { return x + x * polynomial(x * x, erfSeries) }
        let value = size > 6 ? 1 : 1 - erfcUpper(size)
        return x < 0 ? -value : value
    }

    /// Returns 1 - erf(x) without loss for large x.
    ///
    /// Error below 4 units in the last place down to the smallest normal result (x = 26.5); 0 from 27.3.
    public static func erfc(_ x: Double) -> Double {
        if x != x { return x }
        if x < 0.5 { return 1 - erf(x) }
        return erfcUpper(x)
    }

    private static func erfcUpper(_ x: Double) -> Double {
        if x > 27.3 { return 0 }
        let (square, low) = twoProduct(x, x)
        return exp(-square) * (scaledErfc(x) * (1 - low))
    }

    /// e^(x^2) erfc(x) for x >= 0.
    ///
    /// - Source: (1 + 2x) e^(x^2) erfc(x) in t = (x - 3.75) / (x + 3.75), after Shepherd and Laframboise 1981; the
    ///   coefficients are a Chebyshev fit of degree 25 made with 60 digits, error 2.4e-18.
    static func scaledErfc(_ x: Double) -> Double {
        polynomial((x - 3.75) / (x + 3.75), scaledErfcFit) / (1 + 2 * x)
    }

    /// erf(x) / x - 1 in powers of x^2: 2 / (sqrt(pi) n! (2n + 1)) with alternating signs.
    private static let erfSeries: [Double] = [
        0.1283791670955126, -0.37612638903183754, 0.11283791670955126, -0.026866170645131252, 0.005223977625442188,
        -0.0008548327023450853, 0.00012055332981789664, -1.492565035840625e-05, 1.6462114365889248e-06,
        -1.6365844691234924e-07, 1.4807192815879218e-08, -1.2290555301717928e-09, 9.422759064650411e-11,
        -6.7113668551641105e-12, 4.4632242632864775e-13, -2.7835162072109215e-14, 1.6342614095367152e-15,
        -9.063970842808673e-17, 4.763348040515068e-18,
    ]

    private static let scaledErfcFit: [Double] = [
        1.2375126308378275, -0.14024059858554702, 0.0035854154854644583, 0.08227673849015109, -0.10880393014175023,
        0.09230432116019638, -0.05869339858961116, 0.02836227742154398, -0.009746579558275152, 0.0017556258321915355,
        0.0002937136669846131, -0.0002901539781378384, 5.1649093885821704e-05, 2.238390827660038e-05,
        -1.1444134389658475e-05, -9.728413451815077e-07, 1.7516189406943677e-06, -5.827501862768691e-08,
        -2.586489910718322e-07, 2.4301839484503084e-08, 3.866242066283792e-08, -4.396921916762906e-09,
        -5.169080644815932e-09, 5.485084520083625e-10, 4.2433038251096756e-10, -3.7980647235900285e-11,
    ]
}
