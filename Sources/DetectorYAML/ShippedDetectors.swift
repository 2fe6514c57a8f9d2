package import SignalEngine

/// The detectors that come with Lotus; `detectors/*.yaml`, kept in the program so that it needs no files.
package enum ShippedDetectors {
    /// A specification and the name of its file.
    package struct File: Sendable {
        package let name: String
        package let text: String
    }

    /// The compiled cohort, in order of file names.
    package static func recipes() throws(LanguageError) -> [Recipe] {
        var all: [Recipe] = []
        for file in files { all.append(try DetectorReader.recipe(file.text)) }
        return all
    }
}
