package import ColorScience
import Glibc
import Picture

/// What networks see of a whole picture: the twin of `picture_survey`.
package enum PictureSurvey {
    /// Light that is added before the logarithm, relative to diffuse white.
    private static let floor = 1.0 / 64

    /// The seven maps of a picture: logarithm of the light of R, G and B, how far each is clipped, and the mean color's largest component.
    ///
    /// - Parameters:
    ///   - planes: one or three, as the color stage takes them.
    ///   - toRGB: from the planes to R′G′B′.
    ///   - guide: the shot's mapping to the trained peak, PQ BT.2020.
    package static func maps(
        of planes: [ReferencePlane], toRGB: Matrix3, guide: BakedLUT, grid survey: SurveyGrid
    ) -> [ReferencePlane] {
        let (grid, block) = (survey.grid, survey.block)
        var maps = [ReferencePlane](
            repeating: ReferencePlane(width: grid.width, height: grid.height) { _, _ in 0 }, count: SurveyGrid.mapCount)
        for row in 0..<grid.height {
            for column in 0..<grid.width {
                var (sum, clipped, count) = (Vector3(gray: 0), Vector3(gray: 0), 0.0)
                for y in (row * block)..<min((row + 1) * block, survey.size.height) {
                    for x in (column * block)..<min((column + 1) * block, survey.size.width) {
                        let value = Vector3(
                            planes[0][x, y], planes.count > 1 ? planes[1][x, y] : 0, planes.count > 2 ? planes[2][x, y] : 0)
                        let color = (toRGB * value).map { min(max($0, 0), 1) }
                        sum = sum + color
                        clipped = clipped + color.map(ClipMask.share)
                        count += 1
                    }
                }
                let mean = sum * (1 / count)
                let light = guide.apply(mean).map { log2(PQ.eotf($0) / ReferenceWhite.luminance + floor) / 4 }
                let mask = clipped * (1 / count)
                for (map, value) in [light.x, light.y, light.z, mask.x, mask.y, mask.z, mean.maximum].enumerated() {
                    maps[map].samples[row * grid.width + column] = value
                }
            }
        }
        return maps
    }
}
