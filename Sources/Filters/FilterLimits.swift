/// How much a filter may ask.
package enum FilterLimits {
    /// UTF-8 bytes of the text.
    package static let bytesMax = 4096
    /// Comparisons, each of which is one bit of a word; `in` and `has` are one comparison.
    package static let comparisonsMax = 64
    /// Parentheses and `not` within each other.
    package static let depthMax = 24
    /// Digits of a number, without zeros at either end.
    package static let digitsMax = 38
}
