/// Matrix coefficients of a signal; raw values are the code points of ITU-T H.273 Table 4.
package enum MatrixCoefficients: Int, Sendable, Codable, CaseIterable {
    case identity = 0
    case bt709 = 1
    /// Nothing is known.
    case unspecified = 2
    case fcc = 4
    case bt470BG = 5
    case smpte170M = 6
    case smpte240M = 7
    case ycgco = 8
    /// BT.2020 non-constant luminance.
    case bt2020NCL = 9
    /// BT.2020 constant luminance.
    case bt2020CL = 10
    case smpte2085 = 11
    case chromaDerivedNCL = 12
    case chromaDerivedCL = 13
    case ictcp = 14
}
