from setuptools import find_packages, setup

package = 'lander_campaign'

setup(
    name=package,
    version='0.1.0',
    packages=find_packages(exclude=['test']),
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package]),
        ('share/' + package, ['package.xml']),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},
    maintainer='Frigoris maintainers',
    maintainer_email='frigoris@example.org',
    description='The flight cores in one process, and campaigns of many dispersed flights.',
    license='Apache-2.0',
    entry_points={'console_scripts': []},
)
