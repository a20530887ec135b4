/// Color primaries and white point of a signal; raw values are the code points of ITU-T H.273 Table 2.
package enum ColorPrimaries: Int, Sendable, Codable, CaseIterable {
    case bt709 = 1
    /// Nothing is known: never treated as BT.709 without a recorded inference.
    case unspecified = 2
    case bt470M = 4
    case bt470BG = 5
    case smpte170M = 6
    case smpte240M = 7
    case film = 8
    case bt2020 = 9
    case smpte428 = 10
    case smpte431 = 11
    case smpte432 = 12
    case ebu3213 = 22
}
