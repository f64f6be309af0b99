"""Render the kit's faces: parametric heads, path-traced at 112 x 112 pixels.

Only those who remake the kit's data need this package; students and teachers never install it.

Reading order: `identity` draws a person, `shot` draws one picture of that person, `figure` turns
both into geometry, `scene` builds and renders it in Blender, `develop` turns light into a
photograph, `farm` does all that for a range of identities, and `pack` writes the zip. Lengths are
MakeHuman's (1 = 10 cm), and y points up.
"""
