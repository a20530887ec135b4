/// An amount of US dollars in whole thousandths: the API's money has up to three decimals, and sums of it are exact.
package struct Dollars: Hashable, Sendable, Comparable, AdditiveArithmetic {
    /// Thousandths of a dollar; negative for a debit.
    package var thousandths: Int64

    package init(thousandths: Int64) { self.thousandths = thousandths }

    /// The nearest thousandth.
    ///
    /// - Precondition: `dollars` is a number of at most 9·10¹⁵ either way.
    package init(_ dollars: Double) { thousandths = Int64((dollars * 1000).rounded()) }

    package static let zero = Dollars(thousandths: 0)

    package var double: Double { Double(thousandths) / 1000 }

    package static func + (left: Dollars, right: Dollars) -> Dollars { Dollars(thousandths: left.thousandths + right.thousandths) }
    package static func - (left: Dollars, right: Dollars) -> Dollars { Dollars(thousandths: left.thousandths - right.thousandths) }
    package static func < (left: Dollars, right: Dollars) -> Bool { left.thousandths < right.thousandths }
    package static prefix func - (value: Dollars) -> Dollars { Dollars(thousandths: -value.thousandths) }
}

/// A number of pixels in whole millions, shown as thousandths of a gigapixel: the unit processing is priced by.
package struct Gigapixels: Hashable, Sendable, Comparable, AdditiveArithmetic {
    /// Thousandths of a gigapixel, which are millions of pixels.
    package var thousandths: Int64

    package init(thousandths: Int64) { self.thousandths = thousandths }

    /// The nearest million, at least one of any pixels at all.
    package init(pixels: Double) { thousandths = pixels > 0 ? max(1, Int64((pixels / 1e6).rounded())) : 0 }

    package static let zero = Gigapixels(thousandths: 0)

    package var double: Double { Double(thousandths) / 1000 }

    package static func + (left: Gigapixels, right: Gigapixels) -> Gigapixels {
        Gigapixels(thousandths: left.thousandths + right.thousandths)
    }
    package static func - (left: Gigapixels, right: Gigapixels) -> Gigapixels {
        Gigapixels(thousandths: left.thousandths - right.thousandths)
    }
    package static func < (left: Gigapixels, right: Gigapixels) -> Bool { left.thousandths < right.thousandths }
}

extension Dollars: JSONRepresentable { package var json: JSON { .number(double) } }
extension Gigapixels: JSONRepresentable { package var json: JSON { .number(double) } }
