/// HDR reference white, by BT.2408.
package enum ReferenceWhite {
    /// Luminance of a diffuse white in an HDR production, in cd/m²; where SDR white is put when nothing else is asked for.
    package static let luminance = 203.0
}
